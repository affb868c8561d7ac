//! The client against a server that does what each test says, over real connections and with a clock moved by hand.

mod files;
mod house;
mod reports;
mod streams;
mod tls;
