//! After a failed run: may it be tried again?
mod failure;
