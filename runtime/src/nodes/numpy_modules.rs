//! numpy's extension modules, linked into the WebAssembly executor: there is no dynamic loading there.

use std::ffi::{CStr, c_int};

use pyo3::ffi::{PyImport_AppendInittab, PyObject};

/// Declares the initialisers, and lists them under the names that `import` looks for: the dotted ones, not the last part.
macro_rules! modules {
    ($($name:literal $init:ident)*) => {
        unsafe extern "C" {
            $(fn $init() -> *mut PyObject;)*
        }
        /// A module's full name, and what makes it.
        const MODULES: &[(&CStr, unsafe extern "C" fn() -> *mut PyObject)] = &[$(($name, $init)),*];
    };
}

modules! {
    c"numpy._core._multiarray_tests" PyInit__multiarray_tests
    c"numpy._core._multiarray_umath" PyInit__multiarray_umath
    c"numpy._core._operand_flag_tests" PyInit__operand_flag_tests
    c"numpy._core._rational_tests" PyInit__rational_tests
    c"numpy._core._simd" PyInit__simd
    c"numpy._core._struct_ufunc_tests" PyInit__struct_ufunc_tests
    c"numpy._core._umath_tests" PyInit__umath_tests
    c"numpy.fft._pocketfft_umath" PyInit__pocketfft_umath
    c"numpy.linalg._umath_linalg" PyInit__umath_linalg
    c"numpy.linalg.lapack_lite" PyInit_lapack_lite
    c"numpy.random._bounded_integers" PyInit__bounded_integers
    c"numpy.random._common" PyInit__common
    c"numpy.random._generator" PyInit__generator
    c"numpy.random._mt19937" PyInit__mt19937
    c"numpy.random._pcg64" PyInit__pcg64
    c"numpy.random._philox" PyInit__philox
    c"numpy.random._sfc64" PyInit__sfc64
    c"numpy.random.bit_generator" PyInit_bit_generator
    c"numpy.random.mtrand" PyInit_mtrand
}

/// Makes the modules known to CPython, which must not be started yet; `None` when it has no memory for them.
pub fn register() -> Option<()> {
    const FAILED: c_int = -1;
    for (name, init) in MODULES {
        // SAFETY: CPython isn't started, so that its table may grow; name and function live as long as the program, as it wants.
        let outcome = unsafe { PyImport_AppendInittab(name.as_ptr(), Some(*init)) };
        if outcome == FAILED {
            return None;
        }
    }
    Some(())
}
