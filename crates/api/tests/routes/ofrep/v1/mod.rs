mod bulk;
mod events;
mod single;
