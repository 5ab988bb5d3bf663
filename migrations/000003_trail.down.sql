DROP TABLE event, trail_head;
DROP FUNCTION event_is_final();
