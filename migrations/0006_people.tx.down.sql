DROP TABLE sign_in_link, session, membership, person;
