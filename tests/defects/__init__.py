"""Gates that can fail: every gate meets a platform with a defect that it must see, and none that it must not."""
