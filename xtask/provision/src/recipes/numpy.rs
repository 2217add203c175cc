//! What the steps of numpy share. Both legs have one version: natively its wheel, in WebAssembly a build of the source release.

/// The processor that wheels are pinned for; on another one both legs are without numpy.
pub const ARCH: &str = "x86_64";

/// The version that a run reports on such a processor.
pub const NO_WHEEL: &str = "none: no wheel is pinned for this processor";

/// The version that a run reports with a WASI SDK: the run-time of C++ exceptions is built for Debian's C++ library only.
pub const OTHER_LIBCXX: &str =
    "native only: the guest's needs the distribution's compiler, and WASI_SDK_PATH names another";

/// The folder below the native step's one that is put on `sys.path`.
pub const SITE: &str = "site-packages";

/// Where the guest sees its packages: build.rs names it, too.
pub const GUEST_ZIP: &str = "/usr/local/lib/site-packages.zip";

/// The archives that the executor links, before libpython.
pub const ARCHIVES: [&str; 3] = [
    "libc-printscan-long-double.a",
    "libnumpy.a",
    "libcxx-exceptions.a",
];

/// Unpacks a wheel, or the parts of one that are named.
pub const UNPACK: &str = include_str!("numpy/unpack.py");
