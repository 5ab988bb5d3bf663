DROP TABLE mail, form_key, password_reset, sign_in_failure, session, person, installation;
