//! Errors of the C libraries: their names, and the number and the text that each has on either target.

/// What a C library says of an error: its number and its text.
pub type Said = (u16, &'static str);

/// Whose numbers and texts a target has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// glibc's on Linux.
    Linux = 0,
    /// wasi-libc's.
    Wasi = 1,
}

impl Library {
    /// The library of a target; nothing where it is not known.
    pub fn of(target: &str) -> Option<Self> {
        let is = |part: &str| target.split('-').any(|word| word.starts_with(part));
        if is("linux") {
            Some(Library::Linux)
        } else if is("wasi") {
            Some(Library::Wasi)
        } else {
            None
        }
    }
}

/// Every error that both targets have: its name, glibc's number and text on Linux, and wasi-libc's.
pub const ERRORS: [(&str, Said, Said); 75] = [
    (
        "E2BIG",
        (7, "Argument list too long"),
        (1, "Argument list too long"),
    ),
    (
        "EACCES",
        (13, "Permission denied"),
        (2, "Permission denied"),
    ),
    (
        "EADDRINUSE",
        (98, "Address already in use"),
        (3, "Address in use"),
    ),
    (
        "EADDRNOTAVAIL",
        (99, "Cannot assign requested address"),
        (4, "Address not available"),
    ),
    (
        "EAFNOSUPPORT",
        (97, "Address family not supported by protocol"),
        (5, "Address family not supported by protocol"),
    ),
    (
        "EAGAIN",
        (11, "Resource temporarily unavailable"),
        (6, "Resource temporarily unavailable"),
    ),
    (
        "EALREADY",
        (114, "Operation already in progress"),
        (7, "Operation already in progress"),
    ),
    (
        "EBADF",
        (9, "Bad file descriptor"),
        (8, "Bad file descriptor"),
    ),
    ("EBADMSG", (74, "Bad message"), (9, "Bad message")),
    (
        "EBUSY",
        (16, "Device or resource busy"),
        (10, "Resource busy"),
    ),
    (
        "ECANCELED",
        (125, "Operation canceled"),
        (11, "Operation canceled"),
    ),
    (
        "ECHILD",
        (10, "No child processes"),
        (12, "No child process"),
    ),
    (
        "ECONNABORTED",
        (103, "Software caused connection abort"),
        (13, "Connection aborted"),
    ),
    (
        "ECONNREFUSED",
        (111, "Connection refused"),
        (14, "Connection refused"),
    ),
    (
        "ECONNRESET",
        (104, "Connection reset by peer"),
        (15, "Connection reset by peer"),
    ),
    (
        "EDEADLK",
        (35, "Resource deadlock avoided"),
        (16, "Resource deadlock would occur"),
    ),
    (
        "EDESTADDRREQ",
        (89, "Destination address required"),
        (17, "Destination address required"),
    ),
    (
        "EDOM",
        (33, "Numerical argument out of domain"),
        (18, "Domain error"),
    ),
    (
        "EDQUOT",
        (122, "Disk quota exceeded"),
        (19, "Quota exceeded"),
    ),
    ("EEXIST", (17, "File exists"), (20, "File exists")),
    ("EFAULT", (14, "Bad address"), (21, "Bad address")),
    ("EFBIG", (27, "File too large"), (22, "File too large")),
    (
        "EHOSTUNREACH",
        (113, "No route to host"),
        (23, "Host is unreachable"),
    ),
    (
        "EIDRM",
        (43, "Identifier removed"),
        (24, "Identifier removed"),
    ),
    (
        "EILSEQ",
        (84, "Invalid or incomplete multibyte or wide character"),
        (25, "Illegal byte sequence"),
    ),
    (
        "EINPROGRESS",
        (115, "Operation now in progress"),
        (26, "Operation in progress"),
    ),
    (
        "EINTR",
        (4, "Interrupted system call"),
        (27, "Interrupted system call"),
    ),
    ("EINVAL", (22, "Invalid argument"), (28, "Invalid argument")),
    ("EIO", (5, "Input/output error"), (29, "I/O error")),
    (
        "EISCONN",
        (106, "Transport endpoint is already connected"),
        (30, "Socket is connected"),
    ),
    ("EISDIR", (21, "Is a directory"), (31, "Is a directory")),
    (
        "ELOOP",
        (40, "Too many levels of symbolic links"),
        (32, "Symbolic link loop"),
    ),
    (
        "EMFILE",
        (24, "Too many open files"),
        (33, "No file descriptors available"),
    ),
    ("EMLINK", (31, "Too many links"), (34, "Too many links")),
    (
        "EMSGSIZE",
        (90, "Message too long"),
        (35, "Message too large"),
    ),
    (
        "EMULTIHOP",
        (72, "Multihop attempted"),
        (36, "Multihop attempted"),
    ),
    (
        "ENAMETOOLONG",
        (36, "File name too long"),
        (37, "Filename too long"),
    ),
    (
        "ENETDOWN",
        (100, "Network is down"),
        (38, "Network is down"),
    ),
    (
        "ENETRESET",
        (102, "Network dropped connection on reset"),
        (39, "Connection reset by network"),
    ),
    (
        "ENETUNREACH",
        (101, "Network is unreachable"),
        (40, "Network unreachable"),
    ),
    (
        "ENFILE",
        (23, "Too many open files in system"),
        (41, "Too many open files in system"),
    ),
    (
        "ENOBUFS",
        (105, "No buffer space available"),
        (42, "No buffer space available"),
    ),
    ("ENODEV", (19, "No such device"), (43, "No such device")),
    (
        "ENOENT",
        (2, "No such file or directory"),
        (44, "No such file or directory"),
    ),
    (
        "ENOEXEC",
        (8, "Exec format error"),
        (45, "Exec format error"),
    ),
    (
        "ENOLCK",
        (37, "No locks available"),
        (46, "No locks available"),
    ),
    (
        "ENOLINK",
        (67, "Link has been severed"),
        (47, "Link has been severed"),
    ),
    (
        "ENOMEM",
        (12, "Cannot allocate memory"),
        (48, "Out of memory"),
    ),
    (
        "ENOMSG",
        (42, "No message of desired type"),
        (49, "No message of desired type"),
    ),
    (
        "ENOPROTOOPT",
        (92, "Protocol not available"),
        (50, "Protocol not available"),
    ),
    (
        "ENOSPC",
        (28, "No space left on device"),
        (51, "No space left on device"),
    ),
    (
        "ENOSYS",
        (38, "Function not implemented"),
        (52, "Function not implemented"),
    ),
    (
        "ENOTCONN",
        (107, "Transport endpoint is not connected"),
        (53, "Socket not connected"),
    ),
    ("ENOTDIR", (20, "Not a directory"), (54, "Not a directory")),
    (
        "ENOTEMPTY",
        (39, "Directory not empty"),
        (55, "Directory not empty"),
    ),
    (
        "ENOTRECOVERABLE",
        (131, "State not recoverable"),
        (56, "State not recoverable"),
    ),
    (
        "ENOTSOCK",
        (88, "Socket operation on non-socket"),
        (57, "Not a socket"),
    ),
    (
        "ENOTSUP",
        (95, "Operation not supported"),
        (58, "Not supported"),
    ),
    (
        "ENOTTY",
        (25, "Inappropriate ioctl for device"),
        (59, "Not a tty"),
    ),
    (
        "ENXIO",
        (6, "No such device or address"),
        (60, "No such device or address"),
    ),
    (
        "EOVERFLOW",
        (75, "Value too large for defined data type"),
        (61, "Value too large for data type"),
    ),
    (
        "EOWNERDEAD",
        (130, "Owner died"),
        (62, "Previous owner died"),
    ),
    (
        "EPERM",
        (1, "Operation not permitted"),
        (63, "Operation not permitted"),
    ),
    ("EPIPE", (32, "Broken pipe"), (64, "Broken pipe")),
    ("EPROTO", (71, "Protocol error"), (65, "Protocol error")),
    (
        "EPROTONOSUPPORT",
        (93, "Protocol not supported"),
        (66, "Protocol not supported"),
    ),
    (
        "EPROTOTYPE",
        (91, "Protocol wrong type for socket"),
        (67, "Protocol wrong type for socket"),
    ),
    (
        "ERANGE",
        (34, "Numerical result out of range"),
        (68, "Result not representable"),
    ),
    (
        "EROFS",
        (30, "Read-only file system"),
        (69, "Read-only file system"),
    ),
    ("ESPIPE", (29, "Illegal seek"), (70, "Invalid seek")),
    ("ESRCH", (3, "No such process"), (71, "No such process")),
    (
        "ESTALE",
        (116, "Stale file handle"),
        (72, "Stale file handle"),
    ),
    (
        "ETIMEDOUT",
        (110, "Connection timed out"),
        (73, "Operation timed out"),
    ),
    ("ETXTBSY", (26, "Text file busy"), (74, "Text file busy")),
    (
        "EXDEV",
        (18, "Invalid cross-device link"),
        (75, "Cross-device link"),
    ),
];

/// The error that a C library has this number and this text for, by its place among all, and the text's length; the longest text counts.
pub fn said_of(number: u16, text: &[u8]) -> Option<(usize, usize)> {
    let errors = ERRORS.iter().enumerate();
    let said = errors.flat_map(|(error, &(_, a, b))| [(error, a), (error, b)]);
    said.filter(|(_, (own, said))| *own == number && text.starts_with(said.as_bytes()))
        .map(|(error, (_, said))| (error, said.len()))
        .max_by_key(|(_, length)| *length)
}

/// Whether two numbers are those of the same error, the first on Linux and the second in WASI.
pub fn same_number(linux: i64, wasi: i64) -> bool {
    let is = |said: &Said, number| i64::from(said.0) == number;
    ERRORS.iter().any(|(_, a, b)| is(a, linux) && is(b, wasi))
}
