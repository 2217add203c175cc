//! The native leg: a child process a case, under limits that the kernel keeps; started for it, or forked off a zygote.

mod exchange;
mod finished;
mod one_shot;
mod pool;
mod result_pipe;
mod surroundings;
mod zygote;

pub use self::one_shot::NativeExecutor;
pub use self::pool::ZygoteExecutor;
