"""One oracle node: observe, sign, agree, post, claim, settle."""
