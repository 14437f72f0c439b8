//! Tables: CSV with a header, as spreadsheets and consoles export them.

use serde_json::{Map, Value as Json};

use super::{
    InventoryError,
    collector::{Collector, Scope},
    generic::Generic,
    json::At,
};

/// Reads a table; every row is an object whose fields are texts, an empty cell is none.
pub(super) fn read(
    text: &str,
    generic: &Generic<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), InventoryError> {
    let broken =
        |error: csv::Error, collector: &Collector<'_>| InventoryError::from_csv(collector.input, &error);
    let mut rows = csv::ReaderBuilder::new().delimiter(separator(text)).from_reader(text.as_bytes());
    let header = rows.headers().map_err(|error| broken(error, collector))?.clone();
    let Some(mut sheet) = generic.sheet(header.iter().map(str::trim)) else { return Ok(()) };
    let mut number = 0;
    for row in rows.records() {
        let row = row.map_err(|error| broken(error, collector))?;
        number += 1;
        let cells = header.iter().zip(&row).filter(|(_, cell)| !cell.trim().is_empty());
        let cells = cells.map(|(name, cell)| (name.trim().to_owned(), Json::from(cell.trim())));
        let item = Json::Object(cells.collect::<Map<_, _>>());
        sheet
            .take(&item, collector)
            .map_err(|fault| sheet.fault(Scope::List, At { number, fault }, collector))?;
    }
    sheet.note(Scope::List, number == 0, collector);
    Ok(())
}

/// What separates the cells: the likeliest one of the header.
fn separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}
