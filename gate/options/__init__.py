"""What each command takes and its help says; imports no package, as help comes before the set-up."""
