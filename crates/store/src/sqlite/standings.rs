//! Standings that were taken.

use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::row::{self, all, prepare};
use crate::{Result, Standings, TakenStanding};

impl Standings for SqliteStore {
    fn standings(&self, population: &str) -> Result<Vec<TakenStanding>> {
        const SQL: &str = "
            SELECT population, at, account, spread
            FROM standings
            WHERE population = $1
            ORDER BY at, account";
        self.read(|reader| all(reader, SQL, [population], from_row))
    }
}

/// Writes down what was taken; what is there stays as it is.
pub(super) fn insert(writer: &Connection, taken: &[TakenStanding]) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO standings (population, at, account, spread)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (population, at, account) DO NOTHING";
    let mut insert = prepare(writer, INSERT)?;
    for it in taken {
        insert.execute((&*it.population, it.at.0, &*it.account, &it.spread))?;
    }
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<TakenStanding, Fault> {
    Ok(TakenStanding {
        population: row::text(row, 0)?,
        at: row::time(row, 1)?,
        account: row::text(row, 2)?,
        spread: row.get(3)?,
    })
}
