"""Small real implementations of the ports, by capability: each passes the contract suite of the real one."""
