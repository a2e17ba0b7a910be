alter table access_tokens add column prefix text; -- of an API token's text, by which its owner knows it
