# The tag under which C++ exceptions are thrown and caught: one pointer to the exception object.
	.tagtype	__cpp_exception i32
	.globl	__cpp_exception
__cpp_exception:
