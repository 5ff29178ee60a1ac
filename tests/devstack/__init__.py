"""The local stack: ministack, the simulators and the deployed template behind one fixed address."""
