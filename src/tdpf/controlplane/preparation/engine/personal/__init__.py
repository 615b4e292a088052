"""The screen for personal data (個人情報の確認): what each column of a table says of persons, as masked findings; also what reports may quote."""
