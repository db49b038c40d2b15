"""The vault beside what one would write instead, and beside what the machine allows anybody."""
