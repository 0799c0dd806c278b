//! The `cattlegrid` binary.

fn main() -> std::process::ExitCode {
    cattlegrid::cli::main()
}
