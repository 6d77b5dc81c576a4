-- Who of the staff has a case, and which case took it over.
alter table cases add column assigned text not null default '';
alter table cases add column merged_into text not null default '';
alter table changes add column merged_into text not null default '';
