DROP TABLE confirmation, approval, waiver, step_act, step_order;
DROP FUNCTION step_act_in_order();
