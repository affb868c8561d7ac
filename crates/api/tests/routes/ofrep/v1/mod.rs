mod bulk;
mod single;
