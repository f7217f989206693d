# What metafor, DoseFinding and brglm2 say of the data sets of one folder, and how long they take.
# Usage: Rscript peers.R FOLDER ROUNDS   (peers.py writes FOLDER's tables and reads numbers.csv, seconds.csv)
# Numbers come from converged fits (tight tolerances); times from the packages' defaults.
arguments <- commandArgs(TRUE)
folder <- arguments[1]
rounds <- as.integer(arguments[2])
points <- if (rounds > 1) 5e5 else 1e5 # of Monte-Carlo integrals; one round is a quick look
needed <- c("metafor", "DoseFinding", "brglm2", "mvtnorm")
absent <- needed[!vapply(needed, requireNamespace, logical(1), quietly = TRUE)]
if (length(absent)) {
  cat("absent:", paste0("r-cran-", tolower(absent)), "\n")
  quit(status = 3)
}
options(warn = -1, digits = 17)
suppressMessages({
  library(metafor)
  library(DoseFinding)
  library(brglm2)
})
# The exact conditional model needs two more packages.
exact <- requireNamespace("lme4", quietly = TRUE) && requireNamespace("BiasedUrn", quietly = TRUE)

numbers <- list()
seconds <- list()
peer <- function(method, set, values, usual, times = rounds) {
  found <- tryCatch(values(), error = function(e) c(failed = 1))
  numbers[[length(numbers) + 1]] <<- data.frame(
    method = method, set = set, quantity = names(found), value = as.numeric(found)
  )
  if ("failed" %in% names(found)) return(invisible())
  taken <- tryCatch(vapply(seq_len(times), function(i) {
    start <- Sys.time()
    usual()
    as.numeric(Sys.time() - start, units = "secs")
  }, numeric(1)), error = function(e) NA)
  seconds[[length(seconds) + 1]] <<- data.frame(method = method, set = set, seconds = median(taken))
}
sets <- function(kind) {
  table <- read.csv(file.path(folder, paste0(kind, ".csv")))
  split(table, factor(table$set, unique(table$set)))
}
named <- function(prefix, values) setNames(as.numeric(values), paste0(prefix, "[", seq_along(values), "]"))
of_fit <- function(fit, test) {
  setNames(
    c(fit$beta, fit$se, fit$pval, fit$ci.lb, fit$ci.ub, fit$tau2, fit$QE, fit$QEp),
    paste0(test, ":", c(
      outer(seq_along(fit$beta), c("beta", "se", "p", "low", "high"), function(i, what) paste0(what, i)),
      "tau2", "Q", "Q_p"
    ))
  )
}
tight <- list(threshold = 1e-13, tol = 1e-13, maxiter = 10000)
tests <- c("z", "knha", "adhoc")

for (data in sets("effects")) {
  set <- data$set[1]
  for (method in c("EE", "DL", "PM", "ML", "REML")) {
    fits <- function(control) lapply(tests, function(test) {
      rma(data$y, data$v, method = method, test = test, control = control)
    })
    peer(
      paste("rma", method), set,
      function() unlist(Map(of_fit, fits(tight), tests)), function() fits(list())
    )
  }
  regression <- function(control) lapply(tests[1:2], function(test) {
    rma(y ~ x, vi = v, data = data, method = "REML", test = test, control = control)
  })
  if (nrow(data) > 3) {
    peer("rma REML with moderator", set, function() {
      fits <- regression(tight)
      c(unlist(Map(of_fit, fits, tests[1:2])), QM = fits[[1]]$QM, QM_p = fits[[1]]$QMp)
    }, function() regression(list()))
  }
  fit <- rma(data$y, data$v, control = tight)
  peer("Q-profile interval of tau2", set, function() {
    found <- confint(fit, control = list(tol = 1e-13))$random
    c(low = found[1, 2], high = found[1, 3])
  }, function() confint(fit))
}

for (data in sets("tables")) {
  set <- data$set[1]
  for (measure in c("OR", "RR", "RD")) {
    effects <- function() escalc(measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, drop00 = TRUE)
    peer(paste("escalc", measure), set, function() {
      found <- effects()
      if (measure == "RD") { # a difference needs no correction for empty cells, its variance does
        found$yi <- escalc("RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, to = "none")$yi
      }
      found <- c(named("y", found$yi), named("v", found$vi))
      found[is.finite(found)]
    }, effects)
  }
  if (exact) {
    conditional <- function() rma.glmm(
      measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, model = "CM.EL"
    )
    peer("rma.glmm CM.EL", set, function() {
      fit <- conditional()
      # At tau2 = 0 its standard error is that of no information matrix.
      c(beta = fit$beta[1], tau2 = fit$tau2, if (fit$tau2 > 1e-3) c(se = fit$se))
    }, conditional, 1)
  }
}

for (data in sets("means")) {
  for (measure in c("MD", "SMD")) {
    effects <- function() escalc(
      measure, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = data
    )
    peer(paste("escalc", measure), data$set[1], function() {
      found <- effects()
      c(named("y", found$yi), named("v", found$vi))
    }, effects)
  }
}

for (data in sets("nested")) {
  levels <- function(control) rma.mv(y, v, random = ~ 1 | outer/inner, data = data, control = control)
  peer("rma.mv three levels", data$set[1], function() {
    fit <- tryCatch(levels(list(rel.tol = 1e-12)), error = function(e) levels(list()))
    c(beta = fit$beta[1], se = fit$se, outer = fit$sigma2[1], inner = fit$sigma2[2], log_likelihood = logLik(fit))
  }, function() levels(list()))
}

shapes <- c("linear", "quadratic", "emax", "exponential", "logistic", "sigEmax", "betaMod")
parameters <- c(2, 3, 3, 3, 4, 4, 4)
for (data in sets("trials")) {
  set <- data$set[1]
  doses <- sort(unique(data$dose))
  top <- max(doses)
  candidates <- Mods(
    linear = NULL, emax = 0.2 * top, quadratic = -0.85 / top, logistic = c(0.4, 0.09) * top, doses = doses
  )
  contrast_test <- function(control) MCTtest(
    dose, resp, data = data, models = candidates, critV = TRUE, mvtcontrol = control
  )
  parts <- NULL
  precise <- function() {
    if (is.null(parts)) {
      set.seed(1)
      parts <<- contrast_test(mvtnorm.control(maxpts = points, abseps = 1e-6, releps = 0))
    }
    parts
  }
  usual <- function() contrast_test(mvtnorm.control())
  peer("MCTtest: statistics", set, function() named("t", precise()$tStat), usual)
  peer("MCTtest: critical value", set, function() c(critical = precise()$critVal), usual, 1)
  peer("MCTtest: adjusted p", set, function() named("p", attr(precise()$tStat, "pVal")), usual, 1)
  for (shape in shapes[parameters <= length(doses)]) {
    fit <- function() fitMod(
      dose, resp, data = data, model = shape, bnds = defBnds(top)[[shape]], addArgs = list(scal = 1.2 * top)
    )
    peer(paste0("fitMod ", shape, ": curve"), set, function() {
      found <- fit()
      at <- predict(found, predType = "full-model", newdata = data.frame(dose = doses))
      c(named("effect", at - at[1]), RSS = found$RSS)
    }, fit)
    peer(paste0("fitMod ", shape, ": coefficients"), set, function() named("coef", coef(fit())), fit)
  }
}

for (data in sets("binary")) {
  covariates <- names(data)[startsWith(names(data), "x") & !is.na(data[1, ])]
  model <- reformulate(covariates, "y")
  firth <- function(control) glm(
    model, family = binomial, data = data, method = "brglmFit", type = "AS_mean", control = control
  )
  peer("brglmFit", data$set[1], function() {
    fit <- firth(list(epsilon = 1e-13, maxit = 5000))
    c(coef(fit), setNames(sqrt(diag(vcov(fit))), paste0("se ", names(coef(fit)))))
  }, function() summary(firth(list())))
}

write.csv(do.call(rbind, numbers), file.path(folder, "numbers.csv"), row.names = FALSE)
write.csv(do.call(rbind, seconds), file.path(folder, "seconds.csv"), row.names = FALSE)
versions <- vapply(needed[1:3], function(p) paste(p, packageVersion(p)), character(1))
cat(paste(R.version.string, paste(versions, collapse = ", "), sep = ", "), "\n")
if (!exact) cat("rma.glmm is left out: its exact model needs r-cran-lme4 and r-cran-biasedurn\n")
