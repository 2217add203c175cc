//! The build of numpy for WebAssembly, from its source release to archives and a zip.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::super::numpy::{ARCHIVES, GUEST_ZIP, UNPACK};
use crate::files;
use crate::process::hermetic;
use crate::python::PythonVersion;
use crate::store::Context;
use crate::toolchain::{TARGET, WasiToolchain};
use crate::wasi_deps::SITE_ZIP;

/// Files that the build reads, each written to the step's work folder under its name.
const FILES: [(&str, &str); 11] = [
    ("numpy.patch", include_str!("../numpy/numpy.patch")),
    ("apply_patch.py", include_str!("../numpy/apply_patch.py")),
    ("unpack.py", UNPACK),
    ("driver.sh", include_str!("../numpy/driver.sh")),
    ("cross.ini", include_str!("../numpy/cross.ini")),
    ("native.ini", include_str!("../numpy/native.ini")),
    (
        "build-details.json",
        include_str!("../numpy/build-details.json"),
    ),
    (
        "check_signatures.py",
        include_str!("../numpy/check_signatures.py"),
    ),
    (
        "signatures-allowed.txt",
        include_str!("../numpy/signatures-allowed.txt"),
    ),
    ("merge.py", include_str!("../numpy/merge.py")),
    ("pack.py", include_str!("../numpy/pack.py")),
];

const TAG: &str = include_str!("../numpy/tag.s");

/// Where Meson installs; without it, Meson would ask the Python that runs it for its own folder.
const LIBRARY: &str = "/usr/local/lib/site-packages";

/// There is no BLAS, because none has kernels for WebAssembly, and no threads, because WASI preview 1 has none.
const OPTIONS: [&str; 9] = [
    "--prefix=/usr/local",
    "-Dbuildtype=release",
    "-Dblas=none",
    "-Dlapack=none",
    "-Dallow-noblas=true",
    "-Ddisable-threading=true",
    "-Dpython.bytecompile=-1",
    "-Dpython.platlibdir=/usr/local/lib/site-packages",
    "-Dpython.purelibdir=/usr/local/lib/site-packages",
];

/// An element of a list in Meson's syntax.
const SIMD: &str = ", '-msimd128'";

/// The parts of ziglang's wheel that are LLVM's sources.
const ZIG: [&str; 3] = [
    "ziglang/lib/libunwind/",
    "ziglang/lib/libcxxabi/",
    "ziglang/lib/libcxx/src/include/",
];

/// The flags for units that throw, unwind or catch.
const EXCEPTION_FLAGS: [&str; 5] = [
    "-O2",
    "-DNDEBUG",
    "-fwasm-exceptions",
    "-mllvm",
    "-wasm-use-legacy-eh=false",
];

/// The units of libc++abi that are compiled differently when exceptions are enabled.
const EXCEPTION_UNITS: [&str; 8] = [
    "cxa_aux_runtime",
    "cxa_default_handlers",
    "cxa_exception",
    "cxa_exception_storage",
    "cxa_handlers",
    "cxa_personality",
    "cxa_vector",
    "stdlib_new_delete",
];

/// The text of the step's key.
pub(super) fn recipe() -> String {
    let lists: [&[&str]; 5] = [&OPTIONS, &[SIMD], &ZIG, &EXCEPTION_FLAGS, &EXCEPTION_UNITS];
    let lists = lists.iter().map(|list| list.join(" "));
    let files = FILES.iter().map(|(_, text)| (*text).to_owned());
    let parts: Vec<String> = std::iter::once(format!("rev 1 {GUEST_ZIP}\n{TAG}"))
        .chain(lists)
        .chain(files)
        .collect();
    parts.join("\n")
}

/// What the guest's build reads besides its pinned inputs.
pub(super) struct Ground<'a> {
    /// Whether WebAssembly's vector instructions are used.
    pub simd: bool,
    /// The compiler for WASI.
    pub toolchain: &'a WasiToolchain,
    /// The C++ library's headers and archive.
    pub libcxx: (PathBuf, PathBuf),
    /// CPython's source.
    pub cpython: &'a Path,
    /// CPython's build for WASI, for its `pyconfig.h`.
    pub wasi_build: &'a Path,
    /// The native Python, which runs Meson and Cython.
    pub python: &'a Path,
    /// The version of both.
    pub version: &'a str,
}

/// One build in a step's work folder; its methods are called in the order they stand here.
pub(super) struct Build<'a> {
    pub ctx: &'a Context<'a>,
    pub ground: &'a Ground<'a>,
    /// The unpacked source.
    pub source: PathBuf,
}

impl Build<'_> {
    fn work(&self, name: &str) -> PathBuf {
        self.ctx.work.join(name)
    }

    fn run(&self, command: &mut Command, what: &str) -> Result<()> {
        self.ctx.runner.run(command, what)
    }

    /// One of our scripts, run by the native Python.
    fn script(&self, name: &str) -> Command {
        let mut command = hermetic(self.ground.python);
        command.arg(self.work(name));
        command
    }

    pub fn unpack(&self, inputs: &[PathBuf]) -> Result<()> {
        for (name, text) in FILES {
            files::write_atomic(&self.work(name), self.filled(text)?.as_bytes())?;
        }
        files::write_atomic(&self.work("tag.s"), TAG.as_bytes())?;
        let driver = self.work("driver.sh");
        std::fs::set_permissions(&driver, std::fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {} executable", driver.display()))?;
        let headers = self.work("headers");
        files::copy_tree(&self.ground.cpython.join("Include"), &headers)?;
        let config = self.ground.wasi_build.join("pyconfig.h");
        files::copy(&config, &headers.join("pyconfig.h"))?;

        let mut tar = hermetic("tar");
        tar.arg("-xf").arg(&inputs[0]).arg("-C").arg(&self.ctx.work);
        self.run(tar.arg("--no-same-owner"), "unpack numpy's source")?;
        for ((wheel, folder), wanted) in
            inputs[1..]
                .iter()
                .zip(["cython", "ninja", "zig"])
                .zip([&[][..], &[], &ZIG])
        {
            let mut unpack = self.script("unpack.py");
            unpack.arg(wheel).arg(self.work(folder)).args(wanted);
            self.run(&mut unpack, &format!("unpack {}", wheel.display()))?;
        }
        self.patch()
    }

    pub fn patch(&self) -> Result<()> {
        let mut patch = self.script("apply_patch.py");
        patch.arg(self.work("numpy.patch")).arg(&self.source);
        self.run(&mut patch, "apply our changes to numpy's source")
    }

    /// The text with each `@WORD@` replaced.
    pub fn filled(&self, text: &str) -> Result<String> {
        let ground = self.ground;
        let path = |path: &Path| path.display().to_string();
        let version = PythonVersion::of(ground.version);
        let numbers: Vec<u32> = ground
            .version
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .with_context(|| format!("CPython's version {} is no release's", ground.version))?;
        let [major, minor, micro] = numbers.as_slice() else {
            anyhow::bail!("CPython's version {} has not three numbers", ground.version);
        };
        let words = [
            ("DRIVER", path(&self.work("driver.sh"))),
            ("CLANG", path(&ground.toolchain.program("clang"))),
            ("AR", path(&ground.toolchain.program("llvm-ar"))),
            ("RANLIB", path(&ground.toolchain.program("llvm-ranlib"))),
            ("STRIP", path(&ground.toolchain.program("llvm-strip"))),
            ("SIMD", if ground.simd { SIMD } else { "" }.to_owned()),
            ("SYSROOT", path(&ground.toolchain.sysroot)),
            ("LIBCXX_INCLUDE", path(&ground.libcxx.0)),
            ("PYTHON", path(ground.python)),
            ("CYTHON", path(&self.work("cython"))),
            ("HEADERS", path(&self.work("headers"))),
            ("DOTTED", version.dotted),
            ("JOINED", version.joined),
            ("MAJOR", major.to_string()),
            ("MINOR", minor.to_string()),
            ("MICRO", micro.to_string()),
            // CPython's number of a final release ends in 0xf0.
            (
                "HEXVERSION",
                (major << 24 | minor << 16 | micro << 8 | 0xf0).to_string(),
            ),
        ];
        Ok(words.iter().fold(text.to_owned(), |text, (word, value)| {
            text.replace(&format!("@{word}@"), value)
        }))
    }

    fn ninja(&self) -> Result<PathBuf> {
        let folder = self.work("ninja");
        let data = files::sorted_entries(&folder)?
            .into_iter()
            .find(|path| path.extension().is_some_and(|end| end == "data"))
            .with_context(|| format!("{} holds no program", folder.display()))?;
        Ok(data.join("scripts/ninja"))
    }

    /// numpy's source release contains a Meson with a module that upstream's Meson lacks.
    fn meson(&self, verb: &str) -> Result<Command> {
        let mut command = hermetic(self.ground.python);
        command
            .arg(self.source.join("vendored-meson/meson/meson.py"))
            .arg(verb)
            .env("NINJA", self.ninja()?);
        Ok(command)
    }

    pub fn configure(&self) -> Result<()> {
        let mut setup = self.meson("setup")?;
        setup
            .args([self.work("build"), self.source.clone()])
            .arg("--cross-file")
            .arg(self.work("cross.ini"))
            .arg("--native-file")
            .arg(self.work("native.ini"))
            .args(OPTIONS)
            .arg(format!(
                "-Dpython.build_config={}",
                self.work("build-details.json").display()
            ));
        self.run(&mut setup, "configure numpy for WASI")
    }

    /// Compiles everything in one run, because the check reads the compiler's warnings in the step's log.
    pub fn compile(&self) -> Result<()> {
        let mut ninja = hermetic(self.ninja()?);
        ninja
            .arg("-C")
            .arg(self.work("build"))
            .arg(format!("-j{}", self.ctx.jobs))
            .env("NINJA", self.ninja()?);
        self.run(&mut ninja, "build numpy for WASI")?;
        let mut check = self.script("check_signatures.py");
        check
            .arg(self.work("build"))
            .arg(self.ctx.runner.log())
            .arg(self.work("signatures-allowed.txt"));
        self.run(
            &mut check,
            "find every function registered with the signature it has",
        )
    }

    /// Builds LLVM's run-time for C++ exceptions, because the packaged libc++abi is built without it.
    pub fn exceptions(&self) -> Result<()> {
        let out = self.work("exceptions");
        files::create_dir(&out)?;
        let zig = self.work("zig/ziglang/lib");
        let include = |folder: &str| format!("-I{}", zig.join(folder).display());
        let clang = |flags: &[&str]| {
            let mut command = hermetic(self.ground.toolchain.program("clang"));
            command
                .arg(format!("--target={TARGET}"))
                .arg(format!(
                    "--sysroot={}",
                    self.ground.toolchain.sysroot.display()
                ))
                .args(flags);
            command
        };
        let what = "build the run-time of C++ exceptions";
        let mut tag = clang(&["-c"]);
        tag.arg(self.work("tag.s")).arg("-o").arg(out.join("tag.o"));
        self.run(&mut tag, what)?;
        let mut unwind = clang(&EXCEPTION_FLAGS);
        unwind
            .args(["-std=c23", "-D_LIBUNWIND_HIDE_SYMBOLS", "-c"])
            .args([include("libunwind/include"), include("libunwind/src")])
            .arg(zig.join("libunwind/src/Unwind-wasm.c"))
            .arg("-o")
            .arg(out.join("Unwind-wasm.o"));
        self.run(&mut unwind, what)?;
        for unit in EXCEPTION_UNITS {
            let mut compile = clang(&["--driver-mode=g++"]);
            compile
                .args(EXCEPTION_FLAGS)
                .args(["-std=c++23", "-nostdinc++", "-isystem"])
                .arg(&self.ground.libcxx.0)
                .args([
                    "-D_LIBCXXABI_BUILDING_LIBRARY",
                    "-D_LIBCPP_BUILDING_LIBRARY",
                    "-D_LIBCXXABI_HAS_NO_THREADS",
                ])
                .args(
                    [
                        "libcxxabi/include",
                        "libunwind/include",
                        "libcxxabi/src",
                        "libcxx/src",
                    ]
                    .map(include),
                )
                .arg("-c")
                .arg(zig.join(format!("libcxxabi/src/{unit}.cpp")))
                .arg("-o")
                .arg(out.join(format!("{unit}.o")));
            self.run(&mut compile, what)?;
        }
        Ok(())
    }

    pub fn collect(&self) -> Result<()> {
        let out = &self.ctx.out;
        let toolchain = self.ground.toolchain;
        let mut merge = self.script("merge.py");
        merge
            .args([toolchain.program("llvm-ar"), toolchain.program("llvm-nm")])
            .arg(out)
            .args([self.work("build"), self.work("exceptions")])
            .arg(&self.ground.libcxx.1);
        self.run(&mut merge, "merge numpy's archives")?;
        files::copy(&toolchain.libc.join(ARCHIVES[0]), &out.join(ARCHIVES[0]))?;

        let stage = self.work("stage");
        let mut install = self.meson("install")?;
        install
            .arg("-C")
            .arg(self.work("build"))
            .args(["--no-rebuild", "--tags", "python-runtime", "--destdir"])
            .arg(&stage);
        self.run(&mut install, "collect numpy's Python files")?;
        let mut pack = self.script("pack.py");
        pack.env("PYTHONHASHSEED", "0")
            .env("PYTHONWARNINGS", "ignore")
            .arg(stage.join(LIBRARY.trim_start_matches('/')))
            .arg(GUEST_ZIP)
            .arg(self.source.join("PKG-INFO"))
            .arg(out.join(SITE_ZIP));
        self.run(&mut pack, "pack numpy's Python files")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_and_every_option_is_part_of_the_key() {
        let recipe = recipe();
        for (name, text) in FILES {
            assert!(recipe.contains(text), "{name}");
        }
        assert!(recipe.contains("-wasm-use-legacy-eh=false") && recipe.contains("cxa_vector"));
        assert!(recipe.contains("__cpp_exception") && recipe.contains("-msimd128"));
    }

    #[test]
    fn every_hunk_of_the_patch_has_its_reason() {
        let lines: Vec<&str> = FILES[0].1.lines().collect();
        let starts = lines.iter().enumerate();
        for (at, line) in starts.filter(|(_, line)| line.starts_with("--- ")) {
            assert!(at > 0 && lines[at - 1].starts_with("# "), "{line}");
        }
    }
}
