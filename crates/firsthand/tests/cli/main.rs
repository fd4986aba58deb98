//! The program as people and scripts meet it: what it prints, and how it ends.

mod run;

mod demo;
mod help;
mod init;
mod people;
mod project;
