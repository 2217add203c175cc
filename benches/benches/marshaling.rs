//! What an array costs on its way to the guest and back, from the request in the host's memory to the answer there: `marshaling/<transport>/<dtype>/<layout>/<bytes>`.
//!
//! A byte counts twice for the throughput, as it goes there and back; `marshaling/memcpy/…` copies as many bytes there and back within the host.
//! `marshaling-there/…` is the way there alone, and what it takes less is the way back.
//! Each answer is held against what was sent.
//! The small arrays show what a case takes whatever it carries.

use std::cell::OnceCell;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{SamplingMode, Throughput};
use parallax_benches::arrays::{DTYPES, Form, Travel, array, node_path};
use parallax_benches::place::build;
use parallax_benches::runner::{Budget, Name, Runner, run};
use parallax_harness::error::Problem;
use parallax_harness::executor::wasm::CopyExecutor;
use parallax_runtime::marshal::Transport;

const BUDGET: Budget = Budget {
    samples: 20,
    warm_up: Duration::from_millis(100),
    measurement: Duration::from_secs(1),
};

/// From 64 B to 64 MiB.
const SIZES: [usize; 6] = [64, 1 << 10, 16 << 10, 256 << 10, 4 << 20, 64 << 20];

/// A small one, one that fits into a processor's nearest cache, and one that doesn't.
const QUICK_SIZES: [usize; 3] = [64, 16 << 10, 4 << 20];

/// The dtype that stands for all where not every one is measured: on the way there alone, and in other layouts with `--quick`.
const REFERENCE: (&str, &str) = ("float64", "<f8");

fn main() -> ExitCode {
    run(BUDGET, WallTime, |runner| {
        let quick = runner.arguments.quick;
        let sizes = match quick {
            true => &QUICK_SIZES[..],
            false => &SIZES,
        };
        let executor = OnceCell::new();
        for &bytes in sizes {
            memcpy(runner, bytes)?;
        }
        for transport in Transport::ALL {
            for (name, dtype) in DTYPES {
                for form in [Form::C, Form::Fortran, Form::Strided] {
                    // The other layouts cost every dtype alike.
                    if quick && form != Form::C && name != REFERENCE.0 {
                        continue;
                    }
                    for &bytes in sizes {
                        travel(runner, &executor, (transport, name, dtype, form, bytes))?;
                    }
                }
            }
            for &bytes in sizes {
                let (name, dtype) = REFERENCE;
                travel(
                    runner,
                    &executor,
                    (transport, name, dtype, Form::Taken, bytes),
                )?;
            }
        }
        Ok(())
    })
}

/// One array, there and back or there alone.
fn travel(
    runner: &mut Runner<WallTime>,
    executor: &OnceCell<CopyExecutor>,
    (transport, dtype_name, dtype, form, bytes): (Transport, &str, &str, Form, usize),
) -> Result<(), Problem> {
    let Some(array) = array(dtype, form, bytes)? else {
        return Ok(());
    };
    let kind = match form {
        Form::Taken => "marshaling-there",
        _ => "marshaling",
    };
    let group = format!("{kind}/{}/{dtype_name}/{}", transport.name(), form.name());
    let id = bytes.to_string();
    let name = Name {
        group: &group,
        id: &id,
        subject: &format!("{group}/{id}"),
    };
    runner.bench(
        &name,
        |group| {
            group
                .sampling_mode(SamplingMode::Flat)
                .throughput(Throughput::Bytes(form.crossings() * bytes as u64));
        },
        || {
            if executor.get().is_none() {
                let wasm = build()?.wasm;
                let made = CopyExecutor::new(&wasm.module, wasm.dirs, &node_path())?;
                // It was empty a moment ago.
                let _ = executor.set(made);
            }
            Ok(Travel::new(array, form, transport)?)
        },
        |travel, iterations| {
            let executor = executor
                .get()
                .ok_or_else(|| Problem::environment("no executor was made"))?;
            (0..iterations).map(|_| travel.time(executor)).sum()
        },
    )
}

/// Copies there and back, between buffers that were written to before.
fn memcpy(runner: &mut Runner<WallTime>, bytes: usize) -> Result<(), Problem> {
    let id = bytes.to_string();
    let name = Name {
        group: "marshaling/memcpy/uint8/C",
        id: &id,
        subject: "memcpy",
    };
    runner.bench(
        &name,
        |group| {
            group.throughput(Throughput::Bytes(2 * bytes as u64));
        },
        || Ok((vec![1u8; bytes], vec![2u8; bytes])),
        |(here, there), iterations| {
            let started = Instant::now();
            for _ in 0..iterations {
                there.copy_from_slice(black_box(&here[..]));
                here.copy_from_slice(black_box(&there[..]));
            }
            black_box(here);
            Ok(started.elapsed())
        },
    )
}
