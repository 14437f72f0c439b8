//! Lays the seeds of the fuzz targets: `cargo run -p tidelock-testkit --example seeds -- crates/tidelock-fuzz/corpus`.

use std::path::PathBuf;

use tidelock_testkit::seeds::{self, SeedError};

fn main() -> Result<(), SeedError> {
    let corpus =
        std::env::args_os().nth(1).map_or_else(|| "crates/tidelock-fuzz/corpus".into(), PathBuf::from);
    seeds::lay(&corpus)
}
