"""TDPF (東京データプラットフォーム): a city connects those who hold data with those who can use it."""
