"""The argument that the product keeps its promises."""
