//! Where tensors live: chosen at run time, told in one line; the only file that asks which hardware was built in.

use candle_core::Device;

use crate::problem::{Problem, Result};

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// A GPU that was built in and is there, else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// An NVIDIA GPU.
    Cuda,
    /// An Apple GPU.
    Metal,
}

impl std::str::FromStr for Wanted {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda),
            "metal" => Ok(Self::Metal),
            _ => Err(format!("`{name}` is not a device: auto, cpu, cuda or metal")),
        }
    }
}

/// The device, and a line that says which it is and why.
///
/// # Errors
/// When the one asked for was not built in or is not there. `Auto` always finds one.
pub fn choose(wanted: Wanted) -> Result<(Device, String)> {
    match wanted {
        Wanted::Cpu => Ok((Device::Cpu, line("cpu"))),
        Wanted::Cuda => cuda().map(|device| (device, line("cuda"))),
        Wanted::Metal => metal().map(|device| (device, line("metal"))),
        Wanted::Auto => Ok(cuda()
            .map(|device| (device, line("cuda")))
            .or_else(|_| metal().map(|device| (device, line("metal"))))
            .unwrap_or_else(|_| (Device::Cpu, line("cpu")))),
    }
}

fn line(chosen: &str) -> String {
    let mut built = vec!["cpu"];
    built.extend(cfg!(feature = "cuda").then_some("cuda"));
    built.extend(cfg!(feature = "metal").then_some("metal"));
    built.extend(cfg!(feature = "accelerate").then_some("accelerate"));
    format!("neural device: {chosen} (built with {})", built.join(", "))
}

fn cuda() -> Result<Device> {
    if !cfg!(feature = "cuda") {
        return Err(absent("cuda"));
    }
    Device::new_cuda(0).map_err(|why| Problem::Device { device: "cuda".to_owned(), why: why.to_string() })
}

fn metal() -> Result<Device> {
    if !cfg!(feature = "metal") {
        return Err(absent("metal"));
    }
    Device::new_metal(0).map_err(|why| Problem::Device { device: "metal".to_owned(), why: why.to_string() })
}

fn absent(device: &str) -> Problem {
    let why = format!("not built in: build with `--features {device}`, or choose cpu");
    Problem::Device { device: device.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_always_found_and_told_in_one_line() {
        for name in ["auto", "cpu"] {
            let (_, line) = choose(name.parse().expect("a device")).expect("there is one");
            assert!(line.starts_with("neural device: ") && line.lines().count() == 1, "{line}");
        }
        assert!("gpu".parse::<Wanted>().is_err());
        if !cfg!(feature = "metal") {
            let why = choose(Wanted::Metal).expect_err("it is not built in").to_string();
            assert_eq!(why, "device metal: not built in: build with `--features metal`, or choose cpu");
        }
    }
}
