//! The product on real servers: Pebble, Unbound, Knot, PostgreSQL from the sandbox, and the real process.
//!
//! Without the sandbox (`make lab`, then `PADLOCK_TEST_LAB=target/lab/env`) each says that it is skipped; `make test` starts
//! one. Every test has a slot of it, so they run side by side.

mod access;
mod again;
mod approvals;
mod audit;
mod backups;
mod broken;
mod ca_faults;
mod caches;
mod command_line;
mod commands;
mod diagnoses;
mod doors;
mod drift;
mod foreign;
mod guards;
mod handing_on;
mod hostile;
mod invitations;
mod keys;
mod kills;
mod main_job;
mod many;
mod methods;
mod moves;
mod names;
mod nodes;
mod outages;
mod pages;
mod permissions;
mod registries;
mod renewal;
mod report_mails;
mod secrets;
mod secure_sites;
mod served;
mod settings;
mod sites;
mod storage;
mod tenants;
