//! `openapi.json` at the top of the repository is what the program says of itself.

use std::fs;

use crate::steps::{Failure, Outcome, build_program, our_program, output, program, root};

const FILE: &str = "openapi.json";

pub(crate) fn write() -> Outcome {
    fs::write(root().join(FILE), document()?)
        .map_err(Failure::because(format_args!("write {FILE}")))?;
    println!("{FILE} is written.");
    Ok(())
}

pub(crate) fn compare() -> Outcome {
    let stored = fs::read_to_string(root().join(FILE))
        .map_err(Failure::because(format_args!("read {FILE}")))?;
    if stored != document()? {
        return Err(Failure::new(format!(
            "{FILE} is not what the program says: `cargo xtask openapi` writes it anew"
        )));
    }
    println!("{FILE} is up to date.");
    Ok(())
}

fn document() -> Outcome<String> {
    build_program()?;
    let mut program = program(&our_program()?);
    program.arg("openapi");
    let mut document = output(program)?;
    if !document.ends_with('\n') {
        document.push('\n');
    }
    Ok(document)
}
