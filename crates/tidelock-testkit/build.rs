//! Generates the messages and the service of the plugin protocol; only pond needs them.

#[cfg(feature = "pond")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let proto = "proto/tfplugin6.proto";
    // protox compiles the file itself: no `protoc` has to be installed.
    let descriptors = protox::compile([proto], ["proto"])?;
    tonic_prost_build::configure().build_client(false).compile_fds(descriptors)?;
    println!("cargo::rerun-if-changed={proto}");
    Ok(())
}

#[cfg(not(feature = "pond"))]
fn main() {}
