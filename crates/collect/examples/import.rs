//! Imports files and prints what came of it: facts with `--facts`, rejects with `--rejects`, the
//! summary always.
//!
//! ```text
//! cargo run -p firsthand-collect --example import -- --map event_name=Login --map time=day FILE…
//! ```

use std::io::{self, Write};

use firsthand_collect::{Import, Input, Silent, mapping, write_fact};
use firsthand_model::config::ImportMapping;
use firsthand_model::{Calendar, Time};

/// 2026-11-21: the time at which everything is imported here.
const NOW: Time = Time(1_795_219_200_000_000);

fn main() -> io::Result<()> {
    let mut inputs = Vec::new();
    let mut map = ImportMapping::default();
    let (mut mapped, mut show_facts, mut show_rejects) = (false, false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--facts" => show_facts = true,
            "--rejects" => show_rejects = true,
            "--map" => {
                let pair = arguments.next().unwrap_or_default();
                let (key, value) = pair.split_once('=').unwrap_or((&pair, ""));
                mapping::set(&mut map, key, value).map_err(io::Error::other)?;
                mapped = true;
            }
            path => inputs.push(Input::from_arg(path)),
        }
    }
    let calendar = Calendar::default();
    let mut import = Import::new(inputs, "example".into(), &calendar, NOW);
    import.mapping = mapped.then_some(&map);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let result = import.run(
        &mut |fact| {
            if show_facts { write_fact(&mut out, &fact) } else { Ok(()) }
        },
        &mut |reject| {
            if show_rejects {
                let (line, code, reason) = (reject.line, reject.code, &reject.reason);
                writeln!(
                    io::stderr(),
                    "{}:{line}: {code}: {reason}\n    {}",
                    reject.file,
                    reject.raw
                )?;
            }
            Ok(())
        },
        &Silent,
    );
    out.flush()?;
    match result {
        Ok(summary) => writeln!(io::stderr(), "{summary:#?}"),
        Err(error) => {
            let help = error.help().unwrap_or_default();
            writeln!(io::stderr(), "error: {error}\n\n{help}")
        }
    }
}
