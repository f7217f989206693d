from evdose.folder_lock import take_over


def test_what_a_dead_run_left_is_removed_and_what_a_living_run_holds_is_not(tmp_path):
    folder = tmp_path / ".snakemake"
    (folder / "locks").mkdir(parents=True)
    left = folder / "locks/0.input.lock"
    left.touch()
    with take_over(folder):
        assert not left.exists()
        left.touch()  # as Snakemake does when its jobs begin
        assert take_over(folder) is None
        assert left.exists()
    with take_over(folder):
        assert not left.exists()


def test_a_new_folder_is_made_and_one_that_can_not_be_is_left_to_snakemake(tmp_path):
    with take_over(tmp_path / ".snakemake"):
        assert (tmp_path / ".snakemake").is_dir()
    (tmp_path / "file").touch()
    assert take_over(tmp_path / "file") is None
