"""The verbs behind `services`, by what they act upon."""
