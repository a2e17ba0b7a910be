alter table scope_checks add column wanted_types boolean not null default false; -- the check that is wanted checks the images of its types anew, too
