"""What the product must survive, one test a fault: on real processes where one dies, in a single one elsewhere."""
