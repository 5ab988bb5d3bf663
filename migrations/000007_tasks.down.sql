DROP TABLE plan_baseline_task, plan_baseline, task_dependency, task_comment, task;
