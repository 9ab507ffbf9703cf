//! Writes `scripts/host_api/`: the description of what a script can call.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/host_api");
    std::fs::create_dir_all(&folder)?;
    for (name, text) in kontor_script::host_api() {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
