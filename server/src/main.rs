//! The program `souk`.

fn main() -> std::process::ExitCode {
    server::cli::main()
}
