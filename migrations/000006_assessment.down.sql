DROP TABLE baseline_rating, baseline, evidence, file_chunk, file, finding, rating, assessment;
