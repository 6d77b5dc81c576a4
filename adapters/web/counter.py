"""Who stands behind which desk, and what they may do there."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapters.web.pages import pages
from adapters.web.sessions import DESK_ROLES, staff
from bot.model.staff import StaffAccount, StaffRole
from bot.model.tenant import Tenant
from bot.ports.office import Office

READING_ROLES = DESK_ROLES | {StaffRole.MUNICIPALITY}
"""Who may look: the desk itself, and colleagues of the municipality, who change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A member of staff, their tenant and its desk. `acts`: not only looking."""

    account: StaffAccount
    tenant: Tenant
    office: Office
    acts: bool


async def counter(request: Request, *, to_act: bool = False) -> Counter:
    """403 for who may not, 404 where the tenant has no desk here."""
    account = await staff(request)
    if not account.roles & (DESK_ROLES if to_act else READING_ROLES):
        raise HTTPException(403)
    site = pages(request).site
    tenant, office = site.tenants.get(account.tenant_id), site.offices.get(account.tenant_id)
    if tenant is None or office is None:
        raise HTTPException(404)
    return Counter(account=account, tenant=tenant, office=office, acts=bool(account.roles & DESK_ROLES))


async def colleagues(request: Request, tenant: Tenant) -> list[str]:
    """The names of who may handle this tenant's cases."""
    accounts = await pages(request).site.staff.accounts()
    return [
        one.name for one in accounts if one.tenant_id == tenant.id and one.roles & DESK_ROLES and not one.disabled
    ]
