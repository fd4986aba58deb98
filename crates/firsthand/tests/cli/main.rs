//! The program as people and scripts meet it: what it prints, and how it ends.

mod run;
mod simulate;

mod bench;
mod demo;
mod funnel;
mod help;
mod init;
mod init_from;
mod people;
mod project;
mod set;
