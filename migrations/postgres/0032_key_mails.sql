-- Whoever manages a domain always hears of a private key that was exported or exposed: nobody chooses about it.
delete from mail_choices where topic = 'private_key';
