//! Checks that a linked module imports WASI preview 1 and nothing else.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasmparser::{Parser, Payload};

use parallax_failure::Failure;

/// The only module that every WASI preview 1 host provides.
const ALLOWED: &str = "wasi_snapshot_preview1";

/// Fails if the module cannot be instantiated by a plain WASI host.
///
/// # Errors
/// An import of another module, named with its symbol; or a file that is not a module.
pub fn check(module: &Path) -> Result<()> {
    let bytes =
        std::fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let foreign = foreign_imports(&bytes).map_err(|reason| {
        Failure::environment(format!(
            "{} is not a WebAssembly module: {reason}",
            module.display()
        ))
        .hint("remove it and build again")
    })?;
    if foreign.is_empty() {
        Ok(())
    } else {
        Err(refusal(module, &foreign).into())
    }
}

fn refusal(module: &Path, foreign: &[(String, String)]) -> Failure {
    let names: String = foreign
        .iter()
        .map(|(from, symbol)| format!("\n    {from}.{symbol}"))
        .collect();
    Failure::environment(format!("{} imports what no WASI preview 1 host provides:{names}", module.display()))
        .hint("a library that defines these symbols is not linked: see runtime/build.rs and wasi-deps/lib/wasm32-wasi")
}

/// Imports from other modules than WASI's, as (module, symbol).
fn foreign_imports(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let mut foreign = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::ImportSection(imports) = payload.map_err(|error| error.to_string())? else {
            continue;
        };
        for import in imports.into_imports() {
            let import = import.map_err(|error| error.to_string())?;
            if import.module != ALLOWED {
                foreign.push((import.module.to_owned(), import.name.to_owned()));
            }
        }
    }
    Ok(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with one function type and these imports of functions.
    fn module(imports: &[(&str, &str)]) -> Vec<u8> {
        let name = |text: &str| {
            [
                &[u8::try_from(text.len()).expect("is short")],
                text.as_bytes(),
            ]
            .concat()
        };
        let mut entries = vec![u8::try_from(imports.len()).expect("are few")];
        for (from, symbol) in imports {
            entries.extend([name(from), name(symbol), vec![0x00, 0x00]].concat());
        }
        let section = |id: u8, body: &[u8]| {
            [&[id, u8::try_from(body.len()).expect("is short")], body].concat()
        };
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 0]),
            section(2, &entries),
        ]
        .concat()
    }

    fn check_bytes(bytes: &[u8]) -> Result<()> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("is written");
        check(file.path())
    }

    #[test]
    fn wasi_alone_is_fine() {
        assert!(check_bytes(&module(&[(ALLOWED, "fd_write"), (ALLOWED, "proc_exit")])).is_ok());
        assert!(check_bytes(&module(&[])).is_ok());
    }

    #[test]
    fn any_other_import_is_named() {
        let error = check_bytes(&module(&[(ALLOWED, "fd_write"), ("env", "dlopen")]))
            .expect_err("is refused");
        assert_eq!(parallax_failure::exit_code(&error), 3);
        assert!(parallax_failure::render(&error).contains("env.dlopen"));
        assert!(check_bytes(&module(&[("wasi_unstable", "fd_write")])).is_err());
    }

    #[test]
    fn what_is_no_module_is_an_error_and_no_panic() {
        for bytes in [
            b"".as_slice(),
            b"\0asm",
            b"not wasm at all",
            &module(&[("env", "x")])[..20],
        ] {
            let error = check_bytes(bytes).expect_err("is refused");
            assert!(
                parallax_failure::render(&error).contains("not a WebAssembly module"),
                "{bytes:?}"
            );
        }
    }
}
