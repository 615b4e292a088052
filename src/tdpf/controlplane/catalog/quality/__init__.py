"""How good a dataset's description is: our own completeness facts, the EU's MQA (405 points), the five stars, and DQV."""
